"""Tables from wherever they are: files, links, archives, standard input, and other libraries."""
