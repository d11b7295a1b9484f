import { TaskStore } from "@weir/weir/tasks";
import { simulationTests } from "../support/simulated.ts";
import { managerPrograms } from "../tasks/manager_programs.ts";
import { storePrograms } from "../tasks/programs.ts";

simulationTests(storePrograms(TaskStore.layerMemory()), 3000);
simulationTests(managerPrograms, 1500);
