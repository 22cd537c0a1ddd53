"""Read workbooks as they are displayed, and edit them in place."""
