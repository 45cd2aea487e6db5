"""Classes (班期): enrol before training, file before opening (L11)."""
