import umontreal.ssj.simevents.Event;
import umontreal.ssj.simevents.Simulator;
import umontreal.ssj.simevents.eventlist.EventList;

/**
 * One run: SSJ's simulator, event list and events, routing written by its user (longest-idle eligible agent, oldest eligible
 * contact; groups and types keep lines). A contact is its own patience event, an agent its own end of service, so that no
 * object is made for an event alone; a patience that is over is cancelled.
 */
final class Centre {
  private final Simulator simulator = new Simulator();
  private final Workload workload;
  private final Source source;
  private final int contacts;
  private final Agent[] idleFirst;
  private final Agent[] idleLast;
  private final Contact[] lineFirst;
  private final Contact[] lineLast;
  private long idleNumber;
  private int arrived;

  int abandoned;
  int waited;
  double waitSeconds;

  Centre(Workload workload, Source source, int contacts, EventList events) {
    this.workload = workload;
    this.source = source;
    this.contacts = contacts;
    idleFirst = new Agent[workload.groups.length];
    idleLast = new Agent[workload.groups.length];
    lineFirst = new Contact[workload.types];
    lineLast = new Contact[workload.types];
    simulator.init(events);
    for (int group = 0; group < workload.groups.length; group++) {
      for (int i = 0; i < workload.agentsPerGroup; i++) becomeIdle(new Agent(group));
    }
  }

  void run() {
    new Arrival().schedule(source.gap());
    simulator.start();
  }

  private void becomeIdle(Agent agent) {
    agent.idleSince = idleNumber++;
    agent.next = null;
    if (idleFirst[agent.group] == null) {
      idleFirst[agent.group] = agent;
    } else {
      idleLast[agent.group].next = agent;
    }
    idleLast[agent.group] = agent;
  }

  private Agent takeAgent(int type) {
    Agent best = null;
    for (int group : workload.groupsOfType[type]) {
      Agent first = idleFirst[group];
      if (first != null && (best == null || first.idleSince < best.idleSince)) best = first;
    }
    if (best != null) idleFirst[best.group] = best.next;
    return best;
  }

  private Contact oldest(int group) {
    Contact best = null;
    for (int type : workload.groups[group]) {
      Contact first = lineFirst[type];
      if (first != null && (best == null || first.serial < best.serial)) best = first;
    }
    return best;
  }

  private void join(Contact contact) {
    contact.before = lineLast[contact.type];
    if (contact.before == null) {
      lineFirst[contact.type] = contact;
    } else {
      contact.before.after = contact;
    }
    lineLast[contact.type] = contact;
  }

  private void leave(Contact contact) {
    if (contact.before == null) {
      lineFirst[contact.type] = contact.after;
    } else {
      contact.before.after = contact.after;
    }
    if (contact.after == null) {
      lineLast[contact.type] = contact.before;
    } else {
      contact.after.before = contact.before;
    }
    waitSeconds += simulator.time() - contact.arrival;
  }

  private final class Arrival extends Event {
    Arrival() { super(simulator); }

    @Override public void actions() {
      int serial = arrived++;
      if (arrived < contacts) schedule(source.gap());
      int type = source.type();
      Agent agent = takeAgent(type);
      if (agent != null) {
        agent.schedule(source.service(serial));
      } else {
        waited++;
        Contact contact = new Contact(serial, type);
        join(contact);
        contact.schedule(source.patience(serial));
      }
    }
  }

  private final class Contact extends Event {
    final int serial;
    final int type;
    final double arrival = simulator.time();
    Contact before;
    Contact after;

    Contact(int serial, int type) {
      super(simulator);
      this.serial = serial;
      this.type = type;
    }

    @Override public void actions() { // patience is over
      leave(this);
      abandoned++;
    }
  }

  private final class Agent extends Event {
    final int group;
    long idleSince;
    Agent next;

    Agent(int group) {
      super(simulator);
      this.group = group;
    }

    @Override public void actions() { // the service ends
      Contact contact = oldest(group);
      if (contact == null) {
        becomeIdle(this);
        return;
      }
      contact.cancel();
      leave(contact);
      schedule(source.service(contact.serial));
    }
  }
}
