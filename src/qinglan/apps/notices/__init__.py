"""What the system tells an account: in the system, and by e-mail where set."""
