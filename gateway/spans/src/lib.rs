//! Turns the native gateway's access log into its SERVER and CLIENT spans.
