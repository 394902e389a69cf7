// poll_host.cpp: a host with an event loop of its own, in C++17: poll(2) and a timerfd.
//
// A telephone exchange (here: a child process that plays a script) sends one line for everything that happens, through a
// pipe. The host turns each line into a command stamped with the time of now, prints what the engine decided, and sets one timer
// to the engine's next deadline. That timer is all the time-keeping a host needs: it has no thread and never polls the engine.
// One real second is a minute here, so that the program ends soon.
//
//   poll_host plans/helpdesk.json
#include <poll.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <koble/koble.hpp>
#include <map>
#include <sstream>
#include <string>

namespace {

constexpr std::int64_t kSpeed = 60;

std::int64_t Monotonic() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1'000'000'000LL + t.tv_nsec;
}

// The engine's time: any clock that does not go back will do.
const std::int64_t begin = Monotonic();
koble::Time Now() { return koble::Time((Monotonic() - begin) * kSpeed); }

// What happens in the world: after so many seconds (of the engine's time), this line. Only Anna may take call 3, until the queue's
// step at 20 s lets Bo; he does not answer. When he does, it is too late: saying so is harmless.
constexpr struct {
  int after;
  const char* line;
} kScript[] = {
    {1, "in Anna"},        {1, "in Bo"},     {3, "call 1 billing"}, {4, "answer 1"},  {2, "call 2 english"},
    {2, "call 3 billing"}, {40, "answer 3"}, {5, "hangup 1"},       {15, "answer 2"}, {10, "hangup 3"},
    {5, "hangup 2"},       {1, "out Anna"},  {1, "out Bo"},
};

void PlayScript(int pipe) {
  for (const auto& [after, line] : kScript) {
    usleep(static_cast<useconds_t>(after * 1'000'000 / kSpeed));
    dprintf(pipe, "%s\n", line);
  }
}

class Host {
 public:
  explicit Host(const koble::Plan& plan) : plan_(plan), engine_(plan) {}

  // One line from the exchange, as one command. A refusal is an answer like any other: the world is full of late signals.
  void Signal(const std::string& text) {
    std::istringstream words(text);
    std::string verb, name, queue;
    words >> verb >> name >> queue;
    try {
      if (verb == "in") engine_.SetPresence(Now(), engine_.FindAgent(name), koble::Presence::kAvailable);
      if (verb == "out") engine_.SetPresence(Now(), engine_.FindAgent(name), koble::Presence::kOffline);
      if (verb == "call") {
        const std::uint64_t number = std::stoull(name);
        calls_[number] = engine_.Arrive(Now(), koble::Arrival(plan_.Queue(queue)).HostRef(number)).contact();
      }
      if (verb == "answer") engine_.Accept(Now(), ringing_[std::stoull(name)]);
      if (verb == "hangup") engine_.Gone(Now(), calls_[std::stoull(name)], koble::By::kCustomer);
    } catch (const koble::Error& refused) {
      std::printf("        \"%s\" was refused: %s\n", text.c_str(), refused.what());
    }
  }

  void TimePassed() { engine_.Advance(Now()); }

  // Does what the engine has decided. A real host rings phones and bridges calls here.
  void HandleEvents() {
    engine_.Drain([&](const koble_event& event) {
      const char* reason = koble_reason_name(event.kind, event.reason);
      std::printf("%6.1f  %-12s %s%s %s %s\n", static_cast<double>(event.time_ns) / 1e9, koble_event_name(event.kind),
                  event.serial != 0 ? "call " : "", event.serial != 0 ? std::to_string(event.host_ref).c_str() : "",
                  engine_.AgentName(koble::AgentId(event.agent)).c_str(), reason == nullptr ? "" : reason);
      if (event.kind == KOBLE_EVENT_OFFERED) ringing_[event.host_ref] = koble::OfferId(event.offer);
    });
  }

  // Sets the timer to the engine's next deadline, or stops it where there is none.
  void SetTimer(int timer) const {
    itimerspec when{};
    if (const koble::Time next = engine_.NextDeadline(); !next.never()) {
      const std::int64_t real = begin + next.ns / kSpeed + 1;  // rounded up: not a moment too early
      when.it_value = {real / 1'000'000'000, real % 1'000'000'000};
    }
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
  }

  bool Idle() const { return engine_.Counts().contacts == 0 && engine_.NextDeadline().never(); }

 private:
  koble::Plan plan_;
  koble::Engine engine_;
  std::map<std::uint64_t, koble::ContactId> calls_;
  std::map<std::uint64_t, koble::OfferId> ringing_;
};

}  // namespace

int main(int argc, char** argv) try {
  std::ifstream file(argc > 1 ? argv[1] : "plans/helpdesk.json");
  Host host(koble::Plan::Load(std::string(std::istreambuf_iterator<char>(file), {})));

  int ends[2];
  if (pipe(ends) != 0) return 1;
  if (fork() == 0) PlayScript(ends[1]), _exit(0);
  close(ends[1]);
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  pollfd sources[] = {{ends[0], POLLIN, 0}, {timer, POLLIN, 0}};

  std::string unread;
  bool exchange_is_there = true;
  while (exchange_is_there || !host.Idle()) {
    host.SetTimer(timer);
    poll(sources, 2, -1);
    if (sources[1].revents != 0) {
      std::uint64_t expirations;
      if (read(timer, &expirations, sizeof expirations) > 0) host.TimePassed();
    }
    if (sources[0].revents != 0) {
      char bytes[256];
      const ssize_t size = read(ends[0], bytes, sizeof bytes);
      if (size <= 0) exchange_is_there = false, sources[0].fd = -1;  // poll passes over it from now on
      if (size > 0) unread.append(bytes, static_cast<std::size_t>(size));
      for (std::size_t end; (end = unread.find('\n')) != std::string::npos; unread.erase(0, end + 1)) {
        host.Signal(unread.substr(0, end));
      }
    }
    host.HandleEvents();
  }
  wait(nullptr);
  std::puts("every call has ended");
} catch (const koble::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
