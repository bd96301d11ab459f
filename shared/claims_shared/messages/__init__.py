"""Every message on the wire, one file per owner; `catalog.py` says where each travels."""
