//! What the tests share: services in process, stub, client, database, expected trace trees.
