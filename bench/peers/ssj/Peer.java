import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Locale;
import umontreal.ssj.simevents.eventlist.Henriksen;

/** Peer WORKLOAD CONTACTS SEED, or Peer WORKLOAD CONTACTS --trace FILE: as the programs in Python (bench/peers/model.py). */
public final class Peer {
  private static final int WARM_UP = 300_000;

  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    Workload workload = Workload.named(arguments[0]);
    int contacts = Integer.parseInt(arguments[1]);
    boolean traced = arguments[2].equals("--trace");
    Source source;
    if (traced) {
      source = new Source.Trace(Path.of(arguments[3]));
    } else {
      long seed = Long.parseLong(arguments[2]);
      run(workload, new Source.Drawn(workload, seed + 1_000_000), WARM_UP); // compiled by then
      source = new Source.Drawn(workload, seed);
    }
    // Of the whole process: collecting garbage and compiling count.
    OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long began = process.getProcessCpuTime();
    Centre centre = run(workload, source, contacts);
    double nanoseconds = process.getProcessCpuTime() - began;
    double all = contacts;
    System.out.println("{\"ns_per_arrival\": " + nanoseconds / all + ", \"p_abandon\": " + centre.abandoned / all
        + ", \"p_wait\": " + centre.waited / all + ", \"mean_wait_s\": " + centre.waitSeconds / all + "}");
  }

  private static Centre run(Workload workload, Source source, int contacts) {
    Centre centre = new Centre(workload, source, contacts, new Henriksen());
    centre.run();
    return centre;
  }
}
