// stdin: the quick brown fox jumps over the lazy dog the end\n
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

int main() {
  std::map<std::string, int> counts;
  std::unordered_map<std::string, size_t> lengths;
  std::string word;
  while (std::cin >> word) {
    ++counts[word];
    lengths[word] = word.size();
  }
  for (const auto &[name, count] : counts)
    std::cout << name << ' ' << count << ' ' << lengths[name] << '\n';

  std::vector<std::unique_ptr<std::string>> owned;
  for (int i = 0; i < 1000; ++i)
    owned.push_back(std::make_unique<std::string>(std::to_string(i * i)));
  std::sort(owned.begin(), owned.end(),
            [](const auto &a, const auto &b) { return *a < *b; });
  std::cout << *owned.front() << ' ' << *owned[500] << ' ' << *owned.back()
            << '\n';
  std::vector<long long> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 1);
  std::cout << std::accumulate(numbers.begin(), numbers.end(), 0LL) << '\n';
  return 7;
}
