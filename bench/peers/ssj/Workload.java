import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/** W1 to W4 as in docs/performance.md and bench/peers/model.py: agents in groups, a group has the types it serves. */
final class Workload {
  final int types;
  final int[][] groups;
  final int[][] groupsOfType;
  final int agentsPerGroup;
  final double arrivalsPerSecond;
  final boolean serviceLognormal;
  final double serviceMean = 180;
  final double patienceMean;

  private Workload(
      int types, int[][] groups, int agentsPerGroup, double arrivalsPerSecond, boolean lognormal, double patienceMean) {
    this.types = types;
    this.groups = groups;
    this.agentsPerGroup = agentsPerGroup;
    this.arrivalsPerSecond = arrivalsPerSecond;
    this.serviceLognormal = lognormal;
    this.patienceMean = patienceMean;
    groupsOfType = new int[types][];
    for (int t = 0; t < types; t++) {
      List<Integer> those = new ArrayList<>();
      for (int g = 0; g < groups.length; g++) {
        for (int type : groups[g]) {
          if (type == t) those.add(g);
        }
      }
      groupsOfType[t] = those.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  static Workload named(String name) {
    switch (name) {
      case "w1":
        return new Workload(1, new int[][] {{0}}, 310, 100 / 60.0, false, 120);
      case "w2":
        int[][] groups = new int[10][];
        for (int g = 0; g < 10; g++) groups[g] = group(g, g % 10, (g + 3) % 10, (g + 7) % 10, (g + 5) % 10);
        return new Workload(10, groups, 30, 0.98 * 300 / 180, true, 120);
      case "w3":
        return ofW3(0.98, 120);
      case "w4over":
        return ofW3(1.2, 3600);
      case "w4under":
        return ofW3(0.8, 3600);
      default:
        throw new IllegalArgumentException("no workload " + name + ": write w1, w2, w3, w4over or w4under");
    }
  }

  private static Workload ofW3(double load, double patienceMean) {
    int[][] groups = new int[200][];
    for (int g = 0; g < 200; g++) {
      groups[g] = group(g, g % 100, (7 * g + 13) % 100, (31 * g + 57) % 100, (11 * g + 29) % 100);
    }
    return new Workload(100, groups, 25, load * 5000 / 180, true, patienceMean);
  }

  /** The first 2 + (g mod 3) distinct candidates. */
  private static int[] group(int g, int... candidates) {
    LinkedHashSet<Integer> distinct = new LinkedHashSet<>();
    for (int type : candidates) distinct.add(type);
    return distinct.stream().limit(2 + g % 3).mapToInt(Integer::intValue).toArray();
  }
}
