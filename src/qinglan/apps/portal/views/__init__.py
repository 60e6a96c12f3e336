"""The pages of the portal: home and set-up, a worker's own growth, the cockpit of a district."""
