"""The ticket machine: a touch page and paper."""
