#include "sdp/validate.hpp"

#include <gtest/gtest.h>

#include "tests/sdp/vectors.hpp"

namespace lucid::sdp {
namespace {

Session vector_session(const std::string& name) {
  auto session = parse(read_vector(name));
  EXPECT_TRUE(session) << name;
  return session ? *session : Session{};
}

// The first error, as "3 mid-duplicate", or "" when there is none.
std::string verdict(const std::vector<Problem>& problems) {
  const auto result = first_error(problems);
  if (result) return {};
  return std::to_string(result.error().line) + ' ' + std::string{to_string(result.error().rule)};
}

std::string all_text(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out.append(problem.text()).append("\n");
  return out;
}

Type type_of(const Vector& vector) {
  return vector.name.ends_with(".offer.sdp") ? Type::offer : Type::answer;
}

TEST(SdpValidate, EveryVectorHoldsWhatItMust) {
  for (const Vector& vector : read_vectors()) {
    const auto session = parse(vector.text);
    ASSERT_TRUE(session) << vector.name;
    const auto problems = validate(*session, type_of(vector));
    EXPECT_EQ(verdict(problems), "") << vector.name << "\n" << all_text(problems);
  }
}

TEST(SdpValidate, EveryCapturedAnswerFitsItsOffer) {
  std::size_t pairs = 0;
  for (const Vector& offer : read_vectors()) {
    if (!offer.name.ends_with(".offer.sdp")) continue;
    std::string name = offer.name;
    name.replace(name.size() - 9, 9, "answer.sdp");
    const std::string text = read_vector(name);
    if (text.empty()) continue;
    const auto problems = check_answer(*parse(offer.text), *parse(text));
    EXPECT_EQ(verdict(problems), "") << name << "\n" << all_text(problems);
    ++pairs;
  }
  EXPECT_GT(pairs, 40U);
}

// "pion/to-chromium-data.answer.sdp" answers "chromium/data.offer.sdp".
TEST(SdpValidate, EveryAnswerOfOneStackToAnotherFits) {
  std::size_t pairs = 0;
  for (const Vector& answer : read_vectors()) {
    const std::size_t start = answer.name.find("to-");
    if (start == std::string::npos) continue;
    const std::size_t dash = answer.name.find('-', start + 3);
    const std::string offerer = answer.name.substr(start + 3, dash - start - 3);
    std::string name = answer.name.substr(dash + 1, answer.name.size() - dash - 12);
    if (answer.name.starts_with("aiortc")) name += "-gathered";
    const Session offer = vector_session(offerer + '/' + name + ".offer.sdp");
    const auto problems = check_answer(offer, *parse(answer.text));
    EXPECT_EQ(verdict(problems), "") << answer.name << "\n" << all_text(problems);
    ++pairs;
  }
  EXPECT_GT(pairs, 20U);
}

// RFC 3264 8
TEST(SdpValidate, BrowsersChangeOnlyWhatTheyMay) {
  const std::vector<std::string> sequence{"audio-video", "renegotiated", "ice-restart", "stopped",
                                          "recycled"};
  for (const std::string browser : {"chromium/", "firefox/"}) {
    for (std::size_t i = 1; i < sequence.size(); ++i) {
      for (const std::string kind : {".offer.sdp", ".answer.sdp"}) {
        const Session other = vector_session(browser + sequence[i - 1] +
                                             (kind == ".offer.sdp" ? ".answer.sdp" : ".offer.sdp"));
        const auto problems = check_change(vector_session(browser + sequence[i - 1] + kind),
                                           vector_session(browser + sequence[i] + kind), &other);
        EXPECT_EQ(verdict(problems), "") << browser << sequence[i] << kind << "\n"
                                         << all_text(problems);
      }
    }
  }
}

// RFC 9429 7.2
TEST(SdpValidate, TheExamplesOfRfc9429FollowEachOther) {
  const Session offer = vector_session("rfc9429/b2.offer.sdp");
  const Session answer = vector_session("rfc9429/b2.answer.sdp");
  const Session first_offer = vector_session("rfc9429/b1.offer.sdp");
  const Session first_answer = vector_session("rfc9429/b1.answer.sdp");
  EXPECT_EQ(verdict(check_change(first_answer, offer, &first_offer)), "");
  EXPECT_EQ(verdict(check_change(first_offer, answer, &first_answer)), "");
}

}  // namespace
}  // namespace lucid::sdp
