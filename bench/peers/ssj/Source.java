import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import umontreal.ssj.randvar.ExponentialGen;
import umontreal.ssj.randvar.LognormalGen;
import umontreal.ssj.randvar.RandomVariateGen;
import umontreal.ssj.rng.MRG32k3a;
import umontreal.ssj.rng.RandomStream;

/** Where the numbers come from: SSJ's generators, or a trace with gap, type, service and patience of one contact a line. */
abstract class Source {
  abstract double gap();
  abstract int type();
  abstract double service(int serial);
  abstract double patience(int serial);

  static final class Drawn extends Source {
    private final int types;
    private final RandomStream typeStream;
    private final RandomVariateGen gaps;
    private final RandomVariateGen services;
    private final RandomVariateGen patiences;

    Drawn(Workload workload, long seed) {
      SplittableRandom spread = new SplittableRandom(seed);
      MRG32k3a.setPackageSeed(spread.longs(6, 1, 4_294_944_443L).toArray()); // below both of its moduli
      types = workload.types;
      typeStream = new MRG32k3a();
      gaps = new ExponentialGen(new MRG32k3a(), workload.arrivalsPerSecond);
      patiences = new ExponentialGen(new MRG32k3a(), 1 / workload.patienceMean);
      double sigma = Math.sqrt(Math.log(2)); // CV 1
      services = workload.serviceLognormal
          ? new LognormalGen(new MRG32k3a(), Math.log(workload.serviceMean) - sigma * sigma / 2, sigma)
          : new ExponentialGen(new MRG32k3a(), 1 / workload.serviceMean);
    }

    @Override double gap() { return gaps.nextDouble(); }
    @Override int type() { return types == 1 ? 0 : typeStream.nextInt(0, types - 1); }
    @Override double service(int serial) { return services.nextDouble(); }
    @Override double patience(int serial) { return patiences.nextDouble(); }
  }

  static final class Trace extends Source {
    private final double[] gaps;
    private final int[] kinds;
    private final double[] services;
    private final double[] patiences;
    private int nextGap;
    private int nextType;

    Trace(Path path) throws IOException {
      List<String> lines = Files.readAllLines(path);
      int count = lines.size();
      gaps = new double[count];
      kinds = new int[count];
      services = new double[count];
      patiences = new double[count];
      for (int i = 0; i < count; i++) {
        String[] words = lines.get(i).split(" ");
        gaps[i] = Double.parseDouble(words[0]);
        kinds[i] = Integer.parseInt(words[1]);
        services[i] = Double.parseDouble(words[2]);
        patiences[i] = Double.parseDouble(words[3]);
      }
    }

    @Override double gap() { return gaps[nextGap++]; }
    @Override int type() { return kinds[nextType++]; }
    @Override double service(int serial) { return services[serial]; }
    @Override double patience(int serial) { return patiences[serial]; }
  }
}
