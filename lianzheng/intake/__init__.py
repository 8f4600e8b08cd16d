"""Files as received → plain cells → recognised forms → values → frames and issues."""
