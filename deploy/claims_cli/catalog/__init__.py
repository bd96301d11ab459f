"""The catalogue: pages, schemas and tables generated from the messages and the process, for portals, analysts and officers."""
