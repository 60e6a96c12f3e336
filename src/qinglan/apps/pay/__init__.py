"""Pay months open and closed, slips, arrears."""
