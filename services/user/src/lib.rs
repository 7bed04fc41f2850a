//! User service: validates and enriches the user's profile and starts the chain.
