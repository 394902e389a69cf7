#include "unit/figures_day.h"

namespace koble::figures {

// Three agents, four queues, seconds of the day. A and B take one call at a time, C two chats (cost 50 of 100 each).
EventList GoldenDay() {
  EventList day;
  day.At(0).Presence(kA, KOBLE_PRESENCE_AVAILABLE).Presence(kB, KOBLE_PRESENCE_AVAILABLE);
  // c1: rings 5 s at A, talks 100 s, 30 s of wrap-up. c2: B does not answer for 20 s and is penalised until 70.
  day.At(10).Arrive(1, kVoice).OfferTo(1, 1, kA, kVoice);
  day.At(15).Serve(1, 1, kA, kVoice);
  day.At(20).Arrive(2, kVoice).OfferTo(2, 2, kB, kVoice);
  day.At(40).Outcome(2, 2, kB, kVoice, KOBLE_OUTCOME_NO_ANSWER).AgentEvent(KOBLE_EVENT_PENALISED, kB);
  day.At(70).AgentEvent(KOBLE_EVENT_PENALTY_END, kB).OfferTo(3, 2, kB, kVoice);
  day.At(75).Serve(3, 2, kB, kVoice);
  // c3, c4 hang up after 4 and 20 s; c2 is held from 100 to 130.
  day.At(100).Of(KOBLE_EVENT_HELD, 3, 2, kB, kVoice).Arrive(3, kVoice);
  day.At(104).Exit(3, kVoice, KOBLE_EXIT_ABANDONED);
  day.At(110).Arrive(4, kVoice);
  day.At(115).Of(KOBLE_EVENT_ENDED, 1, 1, kA, kVoice).Of(KOBLE_EVENT_WRAPUP, 1, 1, kA, kVoice);
  day.At(120).Arrive(5, kVoice);
  day.At(130).Of(KOBLE_EVENT_RETRIEVED, 3, 2, kB, kVoice).Exit(4, kVoice, KOBLE_EXIT_ABANDONED);
  day.At(145).Of(KOBLE_EVENT_WRAPUP_END, 1, 1, kA, kVoice).OfferTo(4, 5, kA, kVoice);
  day.At(150).Serve(4, 5, kA, kVoice);
  day.At(175).Of(KOBLE_EVENT_ENDED, 3, 2, kB, kVoice).Of(KOBLE_EVENT_WRAPUP, 3, 2, kB, kVoice);
  // c6: declined by B, taken by A, whose wrap-up after it is ended early.
  day.At(200).Arrive(6, kVoice);
  day.At(205).Of(KOBLE_EVENT_WRAPUP_END, 3, 2, kB, kVoice).OfferTo(5, 6, kB, kVoice);
  day.At(210).Outcome(5, 6, kB, kVoice, KOBLE_OUTCOME_DECLINED);
  day.At(250).Of(KOBLE_EVENT_ENDED, 4, 5, kA, kVoice).Of(KOBLE_EVENT_WRAPUP, 4, 5, kA, kVoice);
  day.At(280).Of(KOBLE_EVENT_WRAPUP_END, 4, 5, kA, kVoice).OfferTo(6, 6, kA, kVoice);
  day.At(285).Serve(6, 6, kA, kVoice);
  day.At(300).Of(KOBLE_EVENT_ENDED, 6, 6, kA, kVoice).Of(KOBLE_EVENT_WRAPUP, 6, 6, kA, kVoice);
  day.At(310).Of(KOBLE_EVENT_WRAPUP_END, 6, 6, kA, kVoice);
  // c7 hangs up while B's phone rings. c8 finds its queue full, c9 is withdrawn by the host.
  day.At(400).Arrive(7, kVoice).OfferTo(7, 7, kB, kVoice);
  day.At(405).Outcome(7, 7, kB, kVoice, KOBLE_OUTCOME_WITHDRAWN).Exit(7, kVoice, KOBLE_EXIT_ABANDONED);
  day.At(520).Arrive(9, kCases);
  day.At(525).Arrive(8, kCases).Exit(8, kCases, KOBLE_EXIT_FULL);
  day.At(530).Exit(9, kCases, KOBLE_EXIT_WITHDRAWN);
  // Chats: c15 from 700 to 1000, c16 from 800 to 1200, c17 waits for a place and runs from 1000 to 1300.
  day.At(600).Presence(kC, KOBLE_PRESENCE_AVAILABLE);
  day.At(700).Arrive(15, kChat).OfferTo(8, 15, kC, kChat).Serve(8, 15, kC, kChat);
  day.At(800).Arrive(16, kChat).OfferTo(9, 16, kC, kChat).Serve(9, 16, kC, kChat);
  day.At(850).Arrive(17, kChat);
  day.At(1000).Of(KOBLE_EVENT_ENDED, 8, 15, kC, kChat).OfferTo(10, 17, kC, kChat).Serve(10, 17, kC, kChat);
  day.At(1200).Of(KOBLE_EVENT_ENDED, 9, 16, kC, kChat);
  day.At(1300).Of(KOBLE_EVENT_ENDED, 10, 17, kC, kChat);
  // A's break; c11 keeps B busy, so c10 reaches its maximum wait of 45 s.
  day.At(3000).Presence(kA, KOBLE_PRESENCE_BREAK);
  day.At(3050).Arrive(11, kVoice).OfferTo(11, 11, kB, kVoice);
  day.At(3052).Serve(11, 11, kB, kVoice);
  day.At(3100).Arrive(10, kVoice);
  day.At(3145).Exit(10, kVoice, KOBLE_EXIT_MAX_WAIT);
  day.At(3252).Of(KOBLE_EVENT_ENDED, 11, 11, kB, kVoice).Of(KOBLE_EVENT_WRAPUP, 11, 11, kB, kVoice);
  day.At(3282).Of(KOBLE_EVENT_WRAPUP_END, 11, 11, kB, kVoice);
  day.At(3300).Presence(kA, KOBLE_PRESENCE_AVAILABLE);
  // c12 arrives in the first hour and is answered in the second.
  day.At(3590).Arrive(12, kVoice).OfferTo(12, 12, kA, kVoice);
  day.At(3605).Serve(12, 12, kA, kVoice);
  day.At(3705).Of(KOBLE_EVENT_ENDED, 12, 12, kA, kVoice).Of(KOBLE_EVENT_WRAPUP, 12, 12, kA, kVoice);
  day.At(3735).Of(KOBLE_EVENT_WRAPUP_END, 12, 12, kA, kVoice);
  // c13: A's connection fails after 7 s and costs him a penalty of 20 s; B's succeeds after 4 s.
  day.At(4000).Arrive(13, kConnect).OfferTo(13, 13, kA, kConnect);
  day.At(4003).Of(KOBLE_EVENT_ACCEPTED, 13, 13, kA, kConnect);
  day.At(4010).Of(KOBLE_EVENT_CONNECT_FAILED, 13, 13, kA, kConnect).AgentEvent(KOBLE_EVENT_PENALISED, kA);
  day.At(4015).OfferTo(14, 13, kB, kConnect);
  day.At(4016).Of(KOBLE_EVENT_ACCEPTED, 14, 13, kB, kConnect);
  day.At(4020).Of(KOBLE_EVENT_SERVING, 14, 13, kB, kConnect);
  day.At(4030).AgentEvent(KOBLE_EVENT_PENALTY_END, kA);
  day.At(4080).Of(KOBLE_EVENT_ENDED, 14, 13, kB, kConnect);
  // c14 stands in voice and connect, leaves voice after 45 s and is answered in connect.
  day.At(4100).Arrive(14, kVoice);
  day.At(4145).Left(14, kVoice, KOBLE_EXIT_MAX_WAIT);
  day.At(4150).OfferTo(15, 14, kB, kConnect).Of(KOBLE_EVENT_ACCEPTED, 15, 14, kB, kConnect);
  day.At(4152).Of(KOBLE_EVENT_SERVING, 15, 14, kB, kConnect);
  day.At(4252).Of(KOBLE_EVENT_ENDED, 15, 14, kB, kConnect);
  // c18 and c19 together for 150 s and 1 ns; C goes offline meanwhile and finishes them.
  day.At(6800).Arrive(18, kChat).OfferTo(16, 18, kC, kChat).Serve(16, 18, kC, kChat);
  day.At(6800).Arrive(19, kChat).OfferTo(17, 19, kC, kChat).Serve(17, 19, kC, kChat);
  day.At(6900).Presence(kC, KOBLE_PRESENCE_OFFLINE);
  day.At(6950, 1).Of(KOBLE_EVENT_ENDED, 16, 18, kC, kChat);
  day.At(6960).Of(KOBLE_EVENT_ENDED, 17, 19, kC, kChat);
  day.At(7000).Presence(kA, KOBLE_PRESENCE_OFFLINE);
  day.At(7100).Presence(kB, KOBLE_PRESENCE_OFFLINE);
  day.At(7150).Arrive(20, kVoice);  // waits at the cut
  return day;
}

}  // namespace koble::figures
