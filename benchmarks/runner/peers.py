"""Other engines. An adapter says whether its engine is on this machine, and
makes of a module a command that runs it."""

PEERS = {}


def choose(given):
    """The adapters that the user asked for."""
    if given == ["none"]:
        return {}
    if given == ["found"]:
        return {name: peer for name, peer in PEERS.items() if peer.version()}
    return {name: PEERS[name] for name in given}
