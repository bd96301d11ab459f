"""What the local stack runs that is not ours: a Kafka broker and a MongoDB-compatible server."""
