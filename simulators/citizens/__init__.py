"""Citizens: they come by chance, touch a ticket machine's page over HTTP as a browser would, and press nothing else."""
