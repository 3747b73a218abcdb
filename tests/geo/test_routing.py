"""Ways by road from a server that speaks either protocol, or none; and the shortest tour."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise, permutations
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.geo.coordinates import Coordinate
from marketplace.geo.routing.matrices import Distances
from marketplace.geo.routing.tours import tour

PLACES = [Coordinate(47.845, 16.527), Coordinate(47.81, 16.243), Coordinate(48.2, 16.37)]
METRES = [[0, 25000, 51000], [25500, 0, 52000], [51500, 52500, 0]]


class Server:
    """Answers every request with ``answer`` and remembers what was asked."""

    def __init__(self):
        self.asked, self.answer, self.status = [], b"", 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def respond(self):
                length = int(self.headers.get("Content-Length", 0))
                outer.asked.append((self.command, self.path, self.rfile.read(length)))
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.answer)

            do_GET = do_POST = respond  # noqa: N815

            def log_message(self, *args):
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


def test_without_a_server_the_geodesic_counts():
    found = Distances().matrix(PLACES)
    assert not found.by_road
    assert found.km[0, 1] == found.km[1, 0] == pytest.approx(21.6, abs=0.1)
    assert found.km.diagonal().tolist() == [0, 0, 0]
    assert Distances().matrix([]).km.shape == (0, 0)


def test_osrm_s_table(server):
    server.answer = json.dumps({"code": "Ok", "distances": METRES}).encode()
    found = Distances(f"{server.url}/table/v1/driving/").matrix(PLACES)
    assert found.by_road
    assert found.km.tolist() == (np.array(METRES) / 1000).tolist()
    method, path, _ = server.asked[0]
    assert method == "GET"
    assert path == (
        "/table/v1/driving/16.527000,47.845000;16.243000,47.810000;16.370000,48.200000"
        "?annotations=distance"
    )


def test_valhalla_s_matrix(server):
    rows = [[{"distance": m / 1000, "time": 1} for m in row] for row in METRES]
    server.answer = json.dumps({"sources_to_targets": rows}).encode()
    found = Distances(f"{server.url}/sources_to_targets").matrix(PLACES)
    assert found.by_road
    assert found.km[2, 1] == 52.5
    method, _, body = server.asked[0]
    assert method == "POST"
    asked = json.loads(body)
    assert asked["sources"][0] == {"lat": 47.845, "lon": 16.527}
    assert asked["sources"] == asked["targets"]
    assert asked["units"] == "kilometers"


@pytest.mark.parametrize(
    "answer",
    [
        b"no json",
        b"[]",
        b'{"distances": null}',
        b'{"distances": [[0, 1], [1, 0]]}',
        b'{"distances": [[0, 1, null], [1, 0, 1], [1, 1, 0]]}',
        b'{"distances": [[0, -1, 1], [1, 0, 1], [1, 1, 0]]}',
        b'{"distances": [[0, "x", 1], [1, 0, 1], [1, 1, 0]]}',
    ],
)
def test_an_answer_that_is_none_leaves_the_geodesic(server, answer):
    server.answer = answer
    distances = Distances(server.url)
    found = distances.matrix(PLACES)
    assert not found.by_road
    assert distances.failed
    assert found.km.tolist() == Distances().matrix(PLACES).km.tolist()
    distances.matrix(PLACES)
    assert len(server.asked) == 1, "a server that failed is not asked again"


def test_a_server_that_fails_or_is_not_there(server):
    server.status = 503
    distances = Distances(server.url)
    assert not distances.matrix(PLACES).by_road
    assert distances.failed
    gone = Distances("http://127.0.0.1:1/table/v1/driving")
    assert not gone.matrix(PLACES).by_road
    assert gone.failed


@pytest.mark.parametrize("url", ["file:///etc/hostname", "router:5000", "not an address"])
def test_only_http_is_asked(url):
    distances = Distances(url)
    assert not distances.matrix(PLACES).by_road
    assert distances.failed


def length(km, order):
    return sum(km[a, b] for a, b in pairwise((0, *order, 0)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=7))
def test_no_order_is_shorter(places):
    points = np.array(places, dtype=float)
    km = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    found = tour(km)
    stops = range(1, len(places))
    assert sorted(found.order) == list(stops)
    shortest = min(length(km, order) for order in permutations(stops))
    assert found.km == pytest.approx(shortest, abs=0.01)
    assert found.separate_km == pytest.approx(2 * km[0].sum())
    assert tour(km) == found


def test_one_way_streets_turn_the_tour_round():
    km = np.array([[0, 1, 9], [9, 0, 1], [1, 9, 0]], dtype=float)
    assert tour(km).order == [1, 2]
    assert tour(km.T).order == [2, 1]
    assert tour(km).legs_km == [1, 1, 1]
