//! What traces look like.

/// The trace of a request of a user who is there.
pub const WHOLE: &str = "
    api-gateway server POST /api/v1/process
      api-gateway client POST
        user-service server POST /process
          user-service internal resolve profile
            user-service client SELECT users
          user-service client POST
            order-service server POST /process
              order-service internal price order
                order-service client SELECT products
              order-service client BEGIN
              order-service client INSERT orders
              order-service client INSERT order_items
              order-service client COMMIT
              order-service client POST
                audit-service server POST /process
                  audit-service internal record entry
                    audit-service client BEGIN
                    audit-service client INSERT audit_logs
                    audit-service client COMMIT
              order-service client UPDATE orders
";

/// The trace of `GET /api/v1/error`.
pub const FAILS_ON_PURPOSE: &str = "
    api-gateway server GET /api/v1/error [error: 500]
      api-gateway client GET [error: 500]
        user-service server GET /error [error: 500]
";

/// The trace of a request for a user whom nobody knows.
pub const UNKNOWN_USER: &str = "
    api-gateway server POST /api/v1/process
      api-gateway client POST [error: 404]
        user-service server POST /process
          user-service internal resolve profile
            user-service client SELECT users
";
