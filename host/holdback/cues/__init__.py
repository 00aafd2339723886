"""The cues as a runner learns them: names, meanings, pictures, and a quiz. Their scores are the device's own."""
