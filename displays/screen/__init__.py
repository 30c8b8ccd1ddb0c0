"""The hall screen: one page that tells everybody who is called and who waits."""
