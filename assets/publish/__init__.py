"""What leaves the warehouse: alerts and the dashboard's snapshot."""
