"""The controller decides: a pure core (core/) inside a shell (shell/) of loop, inbox, journal and outbox."""
