// "Using an ensemble of networks": five of them, trained in one graph whose branches run at once, vote.
#include <algorithm>
#include <array>

#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

constexpr std::size_t member_count = 5;

const Row member{
    .name = "ensemble",
    .description = "five networks of 20 and 40 filters, twice 1,000 neurons, ReLU, dropout, 250,000 images: a vote",
    .architecture = {.filters = {20, 40}, .neurons = {1000, 1000}, .activation = Activation::relu, .dropout = 0.5},
    .learning_rate = 0.03,
    .epochs = 40,
    .expanded = true,
    .published = 0.9967,
    .seconds = 20'000};

const Row small_member{
    .name = "ensemble-small",
    .description = "five networks of 20 and 40 filters, 100 neurons, ReLU, trained for 4 epochs as one graph: a vote",
    .architecture = {.filters = {20, 40}, .neurons = {100}, .activation = Activation::relu},
    .learning_rate = 0.03,
    .lambda = 0.1,
    .epochs = 4,
    .seconds = 100};

using Members = std::vector<Network>;

Members members_of(const Architecture& architecture, Start start) {
  Members members;
  for (std::size_t i = 1; i <= member_count; ++i) {
    members.emplace_back(architecture, start, fmt::format("network{}.", i));
  }
  return members;
}

/// The costs' sum, so that a step descends each network's own: they share nothing but the mini-batch. What counts as
/// rightly classified is the members' mean.
Objective of_all(const Members& members) {
  std::vector<Objective> each;
  for (const Network& network : members) each.push_back(objective(network));
  return {
      .cost =
          [each](const Tensor& images, const Tensor& labels) {
            Tensor sum_of_costs = each[0].cost(images, labels);
            for (std::size_t i = 1; i < each.size(); ++i) sum_of_costs = sum_of_costs + each[i].cost(images, labels);
            return sum_of_costs;
          },
      .right =
          [each](const Tensor& images, const Tensor& labels) {
            Tensors right;
            for (const Objective& one : each) right.push_back(cast(one.right(images, labels), Dtype::float32));
            return mean(stack(right));
          }};
}

Parameters parameters_of(const Members& members) {
  Parameters all;
  for (const Network& network : members) {
    const Parameters own = network.parameters();
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

using Digits = std::vector<std::int32_t>;

/// What most members say of an image; of digits with as many votes the smallest.
Digits plurality(const std::vector<Digits>& said) {
  Digits digits(said.front().size());
  for (std::size_t image = 0; image < digits.size(); ++image) {
    std::array<int, 10> votes{};
    for (const Digits& one : said) ++votes[static_cast<std::size_t>(one[image])];
    digits[image] = static_cast<std::int32_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
  }
  return digits;
}

std::vector<std::size_t> wrong(const Digits& said, const Digits& labels) {
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (said[i] != labels[i]) images.push_back(i);
  }
  return images;
}

/// As in the book: the true digit top right, what the vote says bottom right.
void draw_errors(
    program::Run& run, const Data& data, const std::vector<std::size_t>& errors, const Digits& said,
    const Digits& labels) {
  program::ImageGrid grid{
      .title = fmt::format("Errors of the vote (top right: true; bottom right: its guess), {}", data.name),
      .across = 8};
  const std::size_t count = std::min<std::size_t>(errors.size(), 40);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t image = errors[i];
    const auto at = static_cast<Index>(image);
    grid.tiles.push_back(
        {.pixels = data.test.slice(at, at + 1).features().values<float>(),
         .caption = fmt::format("no. {}", image),
         .top_right = std::to_string(labels[image]),
         .bottom_right = std::to_string(said[image])});
  }
  run.draw("errors", grid);
}

void train_and_vote(program::Run& run, const Row& row, Start start) {
  Data data = images_of_the_book(run);
  if (row.expanded) data = expanded(run, std::move(data));
  const Members members = members_of(row.architecture, start);
  run.say("{} networks of {} parameters", members.size(), members[0].parameter_count());
  const TrainingHistory history = train(run, row, parameters_of(members), of_all(members), data);
  run.say("Of epoch {}, when the members were best on the validation images on average:", program::best(history).epoch);

  const Digits labels = data.test.labels().values<std::int32_t>();
  std::vector<Digits> said;
  double sum = 0;
  for (const Network& network : members) {
    said.push_back(digits_of(network, data.test));
    const std::size_t errors = wrong(said.back(), labels).size();
    run.say("network {}: {} of {} test images wrong", said.size(), errors, labels.size());
    sum += static_cast<double>(errors);
  }
  const Digits vote = plurality(said);
  const std::vector<std::size_t> errors = wrong(vote, labels);
  run.say("their vote: {} wrong", errors.size());
  draw_errors(run, data, errors, vote, labels);

  const auto images = static_cast<double>(labels.size());
  run.finding({.quantity = "test accuracy of a member, on average", .measured = 1 - sum / (member_count * images)});
  run.finding(
      {.quantity = "errors of the vote over errors of a member",
       .measured = static_cast<double>(errors.size()) * member_count / sum,
       .band = program::Band{0.5, 1}});
  program::Summary summary{
      .quantity = "test accuracy of the vote", .measured = 1 - static_cast<double>(errors.size()) / images};
  if (row.published && start == Start::book) {
    summary.published = row.published;
    summary.band = band_around(*row.published);
  }
  run.summary(summary);
}

}  // namespace

const Experiment ensemble{
    .name = member.name,
    .description = member.description,
    .published = "99.67 % of the test images: 33 errors",
    .seconds = member.seconds,
    .run = [](program::Run& run) { train_and_vote(run, member, Start::book); }};

const Experiment ensemble_right{
    .name = member.name + "-right",
    .description = member.description + "; initial weights with 1/n_in, biases 0",
    .published = "no number: never rerun since the mistake in the initial weights was found",
    .seconds = member.seconds,
    .run = [](program::Run& run) { train_and_vote(run, member, Start::right); }};

const Experiment ensemble_small{
    .name = small_member.name,
    .description = small_member.description,
    .published = "the vote of five is better than each; no number for networks as small",
    .seconds = small_member.seconds,
    .run = [](program::Run& run) { train_and_vote(run, small_member, Start::right); }};

}  // namespace chapter6
