"""One connector of a pair, in a process of its own: run as `python -m ops.bench.pair_member FOLDER MEMBER`.

It runs its threads as `accord connector run` does. For each line `N` on its input it makes N statements, puts
each into the outbox in a transaction of its own, and answers with the id of the last message and the time at
which it began; it ends with its input.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, Letter, seal_and_sign
from connectors.exchange.runner import Runner
from connectors.exchange.spool import post
from connectors.exchange.store import statements
from ops.bench.pair import AGREEMENT, ASKER, CATEGORY, PURPOSE, RECORD, SCHEMA, Pair
from schemas.messages.envelope import Authority


def give(connector: Connector, pair: Pair) -> str:
    """Attest, seal and sign one record as an answer would be, and queue it; gives the message's id."""
    letter = Letter(
        type="record.release/1",
        schema=SCHEMA,
        content=RECORD,
        case=pair.case,
        to=(ASKER, CITIZEN),
        authority=Authority("consent", pair.consent),
        agreement=AGREEMENT,
        purpose=PURPOSE,
        categories=(CATEGORY,),
    )
    now = connector.clock()
    signed, kept = seal_and_sign(connector, letter, now)
    with connector.database.writing() as connection:
        statements.put(connection, kept)
        return post(connection, signed, now)


def main(arguments: list[str]) -> int:
    """Run until the input ends."""
    folder, member = arguments
    pair = Pair.read(Path(folder))
    connector = pair.open(member)
    running = Runner(connector)
    running.start()
    print("ready", flush=True)
    for line in sys.stdin:
        began, last = time.time(), ""
        for _ in range(int(line)):
            last = give(connector, pair)
        print(json.dumps({"began": began, "last": last}), flush=True)
    running.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
