"""Acting for somebody: mandates with graded powers, two who decide together, coming of age."""
