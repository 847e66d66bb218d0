"""x."""
import cProfile, pstats, time, io, pytest
from tests.flow.exchange.world import World
@pytest.mark.only_on("postgresql", reason="a b c d")
def test_a(make_database, tmp_path):
    def one(i):
        x=World(tmp_path/str(i),make_database); x.everything(); x.close()
    one(0)
    w=time.perf_counter(); one(1); print("COPY", time.perf_counter()-w)
    x=World(tmp_path/"b",make_database); x.agreed()
    pr=cProfile.Profile(); w,c=time.perf_counter(),time.process_time(); pr.enable(); k=x.case(); q=x.consent(k); x.invite_source(k,q); pr.disable()
    print("STEPS", time.perf_counter()-w, time.process_time()-c)
    x.close()
    o=io.StringIO(); s=pstats.Stats(pr,stream=o); s.sort_stats("tottime").print_stats(12); s.sort_stats("cumulative").print_stats("placed|commit|fsync"); print(o.getvalue())
