#include "glass/options.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace lucid::glass {
namespace {

std::expected<Options, std::string> parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "program");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return Options::parse(static_cast<int>(argv.size()), argv.data());
}

TEST(Options, TakesItsOwnAndLeavesTheRest) {
  const auto options = parse({"first", "--log=ice,dtls", "--pcap", "call.pcapng", "--slow",
                              "--trace=call.jsonl", "--secrets", "--json", "last"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->log);
  EXPECT_EQ(options->modules, (std::vector<std::string>{"ice", "dtls"}));
  EXPECT_EQ(options->pcap, "call.pcapng");
  EXPECT_EQ(options->trace, "call.jsonl");
  EXPECT_TRUE(options->secrets);
  EXPECT_TRUE(options->json);
  EXPECT_EQ(options->rest, (std::vector<std::string>{"first", "--slow", "last"}));
}

TEST(Options, LogWithoutModulesMeansAll) {
  EXPECT_TRUE(parse({"--log"})->log);
  EXPECT_TRUE(parse({"--log"})->modules.empty());
  EXPECT_EQ(parse({"--logging"})->rest, std::vector<std::string>{"--logging"});
}

TEST(Options, MistakesGetASentence) {
  EXPECT_EQ(parse({"--pcap"}).error(), "--pcap needs the name of a file");
  EXPECT_EQ(parse({"--trace="}).error(), "--trace needs the name of a file");
  EXPECT_EQ(parse({"--secrets"}).error(), "--secrets needs --pcap, which is where the keys go");
}

TEST(Options, TheProgramsOwnAreTakenOutOfTheRest) {
  auto options = parse({"--slow", "--loss", "2.5", "--seed=7", "file"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->flag("--slow"));
  EXPECT_FALSE(options->flag("--fast"));
  EXPECT_EQ(options->number("--loss", 0), 2.5);
  EXPECT_EQ(options->value("--seed"), "7");
  EXPECT_EQ(options->value("--name"), std::nullopt);
  EXPECT_EQ(options->number("--delay", 50), 50);
  EXPECT_EQ(options->rest, std::vector<std::string>{"file"});
}

TEST(Options, AWordThatLooksLikeAnOptionIsFoundWhenItsProgramDoesNotKnowIt) {
  auto options = parse({"file", "-", "--offer", "--no-such-option"});
  ASSERT_TRUE(options);
  EXPECT_TRUE(options->flag("--offer"));
  EXPECT_EQ(options->unknown(), "--no-such-option");
  EXPECT_EQ(parse({"file", "-"})->unknown(), std::nullopt);
}

TEST(Options, ANumberThatIsNoneStaysToBeRefused) {
  for (const char* bad : {"many", "-1", "2x", ""}) {
    auto options = parse({"--loss", bad});
    EXPECT_EQ(options->number("--loss", 3), 3);
    EXPECT_EQ(options->rest, std::vector<std::string>{std::string{"--loss "} + bad});
  }
  EXPECT_EQ(parse({"--loss"})->number("--loss", 3), 3);
}

TEST(OpenSinks, NothingAskedForIsNoSink) {
  const auto sink = open_sinks({});
  ASSERT_TRUE(sink);
  EXPECT_EQ(sink->get(), nullptr);
}

TEST(OpenSinks, AFileThatCannotBeWrittenIsNamed) {
  const auto sink = open_sinks({.pcap = "/nowhere/call.pcapng"});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error(), "cannot write /nowhere/call.pcapng: No such file or directory");
}

TEST(OpenSinks, SeveralSinksGetTheSameAndKeysGoToTheCaptureAlone) {
  const std::string trace = testing::TempDir() + "options_test.jsonl";
  const std::string pcap = testing::TempDir() + "options_test.pcapng";
  {
    const auto sink = open_sinks({.trace = trace, .pcap = pcap, .secrets = true});
    ASSERT_TRUE(sink && *sink);
    const core::trace::Tracer tracer{sink->get(), {"dtls", 1}};
    EXPECT_TRUE(tracer.wants_secrets());
    tracer.secret(core::Time{}, "CLIENT_RANDOM 0a 0b");
    tracer.event(core::Time{}, "flight");
  }
  const auto read = [](const std::string& name) {
    std::ifstream file{name, std::ios::binary};
    return std::string{std::istreambuf_iterator<char>{file}, {}};
  };
  EXPECT_EQ(read(trace).find("CLIENT_RANDOM"), std::string::npos);
  EXPECT_NE(read(trace).find("flight"), std::string::npos);
  EXPECT_NE(read(pcap).find("CLIENT_RANDOM"), std::string::npos);
}

}  // namespace
}  // namespace lucid::glass
