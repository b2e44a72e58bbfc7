#pragma once
#include <cstddef>
#include <optional>
#include <vector>

#include "core/time.hpp"

namespace lucid::sim {

// Something in a World that waits for its time.
class Element {
 public:
  Element() = default;
  Element(const Element&) = delete;
  Element& operator=(const Element&) = delete;
  virtual ~Element() = default;

  virtual std::optional<core::Time> next() const = 0;
  virtual void fire(core::Time now) = 0;

 private:
  friend class Agenda;
  std::size_t place_ = 0;   // in the heap, counted from 1; 0: not there
  std::size_t number_ = 0;  // the order of joining, which decides between equal times
};

// All elements by their deadlines, the earliest first: a heap in which an element can be moved.
class Agenda {
 public:
  void join(Element& element) { element.number_ = ++joined_; }
  void set(Element& element, std::optional<core::Time> time);
  bool empty() const { return heap_.empty(); }
  core::Time first_time() const { return heap_.front().time; }
  Element& first() const { return *heap_.front().element; }

 private:
  struct Entry {
    core::Time time;
    Element* element;
  };
  static bool before(const Entry& a, const Entry& b) {
    return a.time != b.time ? a.time < b.time : a.element->number_ < b.element->number_;
  }
  void put(std::size_t place, Entry entry);
  void rise(std::size_t place, Entry entry);
  void sink(std::size_t place, Entry entry);
  void remove(std::size_t place);

  std::vector<Entry> heap_;
  std::size_t joined_ = 0;
};

}  // namespace lucid::sim
