class Journal:
    def __init__(self, path): self.path = path
class LastRun: pass
