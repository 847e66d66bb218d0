"""The scenes of the story, in the order of `ops.story.flow`."""
