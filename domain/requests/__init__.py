"""What people ask an officer to decide: asked for, withdrawn, approved or refused."""
