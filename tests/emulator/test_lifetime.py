"""An emulator that runs for weeks does not grow, and faults can hit a share of the calls."""

from cloudmux_py.emulator.faults import Faults, make, parse
from cloudmux_py.emulator.state import NONCE_SECONDS, Request, World


def call(number: int) -> Request:
    return Request("aliyun", "ListInstance", "", "GET", "/", {}, {}, "", 200, "", float(number))


def test_only_the_last_calls_are_remembered() -> None:
    world = World(kept=100)
    for number in range(1000):
        world.log(call(number))
    assert [request.at for request in world.requests] == [float(number) for number in range(900, 1000)]
    assert world.served == 1000


def test_a_nonce_is_refused_for_as_long_as_its_signature_is_accepted() -> None:
    world = World()
    assert world.use_nonce("a")
    assert not world.use_nonce("a")
    world.clock.advance(NONCE_SECONDS - 60)
    assert not world.use_nonce("a")
    assert world.use_nonce("b")
    world.clock.advance(120)
    assert world.use_nonce("c")
    assert list(world.nonces) == ["b", "c"]


def test_a_fault_hits_its_share_of_the_calls() -> None:
    def hits(percent: float) -> int:
        faults = Faults()
        faults.add(make("throttle", percent=percent))
        found = [faults.take("throttle", "aliyun", "", "ListInstance", "") for _ in range(10_000)]
        return len([fault for fault in found if fault])

    assert 400 < hits(5) < 600
    assert hits(5) == hits(5), "the same ones in each run"
    assert hits(0) == 10_000
    assert parse("throttle:percent=2.5").percent == 2.5
