"""What the month's models say of each customer."""
