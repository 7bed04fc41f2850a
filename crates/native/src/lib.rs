//! Processes on this machine: PostgreSQL cluster, nginx, supervised children. Shared by the stack tool and the test kit.
