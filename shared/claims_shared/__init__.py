"""What two services share: the wire, the engine, the stores, the law."""
