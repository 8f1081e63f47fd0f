"""What a race says: the ratio and its interval, when it may be looked at, where the time goes."""
