def check_journal(path, base_url): pass
