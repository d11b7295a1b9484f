"""Three servers and a line in SimPy 2, and nanoseconds an event: "queue" or "processes", customers."""

import random
import sys
import time

from SimPy.Simulation import (
    Process,
    Resource,
    Simulation,
    Store,
    get,
    hold,
    put,
    release,
    request,
)

form, customers = sys.argv[1], int(sys.argv[2])
SERVERS, ARRIVALS, SERVICES = 3, 24 / 1000, 10 / 1000
served = 0


class Server(Process):
    def run(self, line):
        global served
        while True:
            yield get, self, line, 1
            if not self.got[0]:
                return
            yield hold, self, random.expovariate(SERVICES)
            served += 1


class Customer(Process):
    def run(self, line):
        global served
        yield request, self, line
        yield hold, self, random.expovariate(SERVICES)
        yield release, self, line
        served += 1


class Source(Process):
    def fill(self, line):
        for _ in range(customers):
            yield hold, self, random.expovariate(ARRIVALS)
            yield put, self, line, [True]
        yield put, self, line, [False] * SERVERS

    def spawn(self, line):
        for _ in range(customers):
            yield hold, self, random.expovariate(ARRIVALS)
            customer = Customer(sim=self.sim)
            self.sim.activate(customer, customer.run(line))


sim = Simulation()
sim.initialize()
source = Source(sim=sim)
if form == "queue":
    line = Store(sim=sim)
    for _ in range(SERVERS):
        server = Server(sim=sim)
        sim.activate(server, server.run(line))
    sim.activate(source, source.fill(line))
else:
    sim.activate(source, source.spawn(Resource(capacity=SERVERS, sim=sim)))
start = time.perf_counter()
sim.simulate(until=1e12)
elapsed = time.perf_counter() - start
assert served == customers
print(elapsed * 1e9 / (2 * customers))
