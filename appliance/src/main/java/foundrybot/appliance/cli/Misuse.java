// SPDX-License-Identifier: Apache-2.0
package foundrybot.appliance.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.ITypeInfo;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is wrong with a command line, in one line: picocli names the types and the words of the JVM;
 * the user is told the argument, its value, what is wanted, and where more is said.
 */
final class Misuse {
  private static final int MOST_NAMED = 8;

  private Misuse() {}

  static String sentence(ParameterException problem) {
    String what =
        switch (problem) {
          case UnmatchedArgumentException unmatched -> unmatched(unmatched);
          case MissingParameterException missing when !missing.getMissing().isEmpty() ->
              missing(missing.getMissing().getFirst());
          default -> value(problem);
        };
    return what.replaceAll("[.]$", "") + "; see '" + command(problem) + " --help'";
  }

  private static String command(ParameterException problem) {
    return problem.getCommandLine().getCommandSpec().qualifiedName();
  }

  private static String unmatched(UnmatchedArgumentException problem) {
    String first = problem.getUnmatched().getFirst();
    List<String> near = problem.getSuggestions();
    String meant = near.isEmpty() ? "" : "; did you mean " + String.join(" or ", near) + "?";
    if (problem.isUnknownOption()) {
      return first + ": no such option (expected: one of '" + command(problem) + "'" + meant + ")";
    }
    Set<String> commands = problem.getCommandLine().getSubcommands().keySet();
    if (commands.isEmpty()) {
      return first + ": one argument too many (expected: '" + command(problem) + "' without it)";
    }
    List<String> own = commands.stream().filter(name -> !name.equals("help")).toList();
    String names = own.size() > MOST_NAMED ? "a command" : String.join(", ", own);
    return first + ": no such command (expected: " + names + meant + ")";
  }

  private static String missing(ArgSpec argument) {
    String of = argument instanceof OptionSpec ? " " + argument.paramLabel() : "";
    // The default has a place of its own in the help.
    String description = String.join(" ", argument.description()).replaceAll(" \\(default: .*", "");
    return name(argument) + ": missing" + of + " (expected: " + inSentence(description) + ")";
  }

  private static String inSentence(String text) {
    String open = text.replaceAll("[.]$", "");
    boolean word = open.matches("[A-Z][a-z' ].*");
    return word ? open.substring(0, 1).toLowerCase(Locale.ROOT) + open.substring(1) : open;
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }

  private static String value(ParameterException problem) {
    ArgSpec argument = problem.getArgSpec();
    String value = problem.getValue();
    String expected = argument == null || value == null ? "" : expected(argument, value);
    return expected.isEmpty()
        ? String.valueOf(problem.getMessage())
        : name(argument) + ": " + value + " (expected: " + expected + ")";
  }

  private static String expected(ArgSpec argument, String value) {
    ITypeInfo type = argument.typeInfo();
    ITypeInfo inner = type.isOptional() ? type.getAuxiliaryTypeInfos().getFirst() : type;
    if (inner.isEnum()) {
      return "one of "
          + inner.getEnumConstantNames().stream()
              .map(name -> name.toLowerCase(Locale.ROOT))
              .collect(Collectors.joining(", "));
    }
    Class<?> plain = inner.getType();
    if (Arrays.asList(double.class, Double.class).contains(plain)) {
      return "a number, as in " + name(argument) + " 0.5";
    }
    if (!Arrays.asList(int.class, Integer.class, long.class, Long.class).contains(plain)) {
      return "";
    }
    return value.matches("[+-]?[0-9]+")
        ? "a number with fewer digits"
        : "a whole number, as in " + name(argument) + " 7";
  }
}
