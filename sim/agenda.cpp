#include "sim/agenda.hpp"

namespace lucid::sim {

void Agenda::set(Element& element, std::optional<core::Time> time) {
  if (element.place_ == 0) {
    if (!time) return;
    heap_.push_back({});
    rise(heap_.size() - 1, {*time, &element});
    return;
  }
  const std::size_t place = element.place_ - 1;
  if (!time) {
    remove(place);
  } else if (*time < heap_[place].time) {
    rise(place, {*time, &element});
  } else if (*time > heap_[place].time) {
    sink(place, {*time, &element});
  }
}

void Agenda::put(std::size_t place, Entry entry) {
  heap_[place] = entry;
  entry.element->place_ = place + 1;
}

void Agenda::rise(std::size_t place, Entry entry) {
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!before(entry, heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, entry);
}

void Agenda::sink(std::size_t place, Entry entry) {
  while (2 * place + 1 < heap_.size()) {
    std::size_t child = 2 * place + 1;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, entry);
}

void Agenda::remove(std::size_t place) {
  heap_[place].element->place_ = 0;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (place == heap_.size()) return;
  if (place > 0 && before(last, heap_[(place - 1) / 2])) {
    rise(place, last);
  } else {
    sink(place, last);
  }
}

}  // namespace lucid::sim
