#include "sim/drawn.h"

#include <algorithm>

namespace koble::sim {
namespace {

constexpr int64_t kOneContact = 1'000'000'000;  // of a law of batches

}  // namespace

Drawn::Drawn(const Model& model) : model_(model), lanes_(model.streams.size()) {
  for (uint32_t s = 0; s < lanes_.size(); ++s) {
    const StreamModel& stream = model.streams[s];
    if (!stream.pieces.empty())
      lanes_[s].times.emplace(stream.pieces, model.horizon_ns, model.seed, model.PurposeOf(s, kOfArrival));
    Advance(s);
  }
  FindNext();
}

void Drawn::Advance(uint32_t s) {
  const StreamModel& stream = model_.streams[s];
  Lane& lane = lanes_[s];
  lane.next_ns = KOBLE_NEVER;
  if (lane.times.has_value()) {
    lane.next_ns = lane.times->Next();
  } else if (lane.arrivals < stream.times_ns.size() && stream.times_ns[lane.arrivals] < model_.horizon_ns) {
    lane.next_ns = stream.times_ns[lane.arrivals];
  }
  if (lane.next_ns == KOBLE_NEVER) return;
  ++lane.arrivals;
  lane.left = 1;
  if (stream.batch.has_value()) {
    const int64_t size = stream.batch->At(model_.seed, model_.PurposeOf(s, kOfBatch), lane.arrivals, 0);
    lane.left = std::max<int64_t>(1, (size + kOneContact - 1) / kOneContact);
  }
}

// Streams are few beside contacts, and the first of those that are due at one instant comes first.
void Drawn::FindNext() {
  next_ns_ = KOBLE_NEVER;
  for (uint32_t s = 0; s < lanes_.size(); ++s) {
    if (lanes_[s].next_ns < next_ns_) {
      next_ns_ = lanes_[s].next_ns;
      next_ = s;
    }
  }
}

void Drawn::Take(Customer* customer) {
  const uint32_t s = next_;
  const StreamModel& stream = model_.streams[s];
  Lane& lane = lanes_[s];
  customer->arrival_ns = lane.next_ns;
  customer->stream = s;
  customer->number = ++lane.contacts;
  customer->queue = stream.queues.front();
  customer->priority = stream.priority;
  customer->credit_ns = stream.credit_ns;
  const uint64_t number = customer->number;
  customer->service_ns = stream.services_ns.empty()
                             ? stream.service->At(model_.seed, model_.PurposeOf(s, kOfService), number, 0)
                             : stream.services_ns[number - 1];
  if (!stream.patiences_ns.empty()) {
    customer->patience_ns = stream.patiences_ns[number - 1];
  } else if (stream.patience.has_value()) {
    customer->patience_ns = stream.patience->At(model_.seed, model_.PurposeOf(s, kOfPatience), number, 0);
  }
  for (uint32_t i = 0; i < stream.attributes.size(); ++i) {
    const AttributeModel& attribute = stream.attributes[i];
    const double u = UniformAt(model_.seed, model_.PurposeOf(s, kOfAttributes), number, i);
    size_t value = 0;
    while (value + 1 < attribute.values.size() && u >= attribute.reaches[value]) ++value;
    customer->attributes[i] = {attribute.key, 0, attribute.values[value]};
  }
  customer->attribute_count = static_cast<uint32_t>(stream.attributes.size());
  if (--lane.left == 0) Advance(s);
  FindNext();
}

}  // namespace koble::sim
