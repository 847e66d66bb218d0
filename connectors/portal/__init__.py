"""The citizens' portal: a connector that acts for citizens, with pages."""
